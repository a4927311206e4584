package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

/**
 * A named person accepts an item of a plan's checklist unmet. It holds for that plan alone, with which it is frozen.
 *
 * @param item the item's word, such as {@code space}; of one backfill of several {@code orders.space}
 * @param who the person
 * @param why the reason
 */
public record Waiver(String item, String who, String why) {
    public Waiver {
        requireNonNull(item, "item");
        if (who.isBlank() || why.isBlank()) {
            throw new IllegalArgumentException("a waiver names a person and a reason: \"" + who + "\", \"" + why + '"');
        }
    }

    boolean isOf(String backfill, CheckItem.Subject subject) {
        return item.equals(subject.word()) || item.equals(backfill + "." + subject.word());
    }
}
