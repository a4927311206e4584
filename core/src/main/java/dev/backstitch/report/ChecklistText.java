package dev.backstitch.report;

import dev.backstitch.plan.CheckItem;
import java.util.List;
import java.util.Locale;

/** A plan's checklist in words. */
final class ChecklistText {
    private ChecklistText() {}

    /** One line an item: how it stands, what it is, what was found, and who waived it. */
    static List<String> lines(List<CheckItem> checklist) {
        return checklist.stream()
                .map(item -> String.format(
                        Locale.ROOT,
                        "%-7s  %-15s  %s",
                        outcome(item),
                        item.subject().word(),
                        Words.visible(found(item))))
                .toList();
    }

    static String outcome(CheckItem item) {
        return item.outcome().name().toLowerCase(Locale.ROOT);
    }

    static String found(CheckItem item) {
        return item.found()
                + item.waiver()
                        .map(waiver -> "; waived by " + waiver.who() + ": " + waiver.why())
                        .orElse("");
    }
}
