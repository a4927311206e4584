package dev.backstitch.audit;

import dev.backstitch.spec.Audit;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Measure;
import java.util.List;
import java.util.Set;

/** The checks of what is live after a publish. Pure and thread-safe. */
public final class WatchAuditor {
    private final Judge judge;

    /** @param checks what is declared to hold */
    public WatchAuditor(List<Audit> checks) {
        this.judge = new Judge(checks);
    }

    /** What has to be measured, each once. */
    public Set<Measure> measures() {
        return judge.measures();
    }

    /**
     * The verdicts, in the checks' order.
     *
     * @param entries the ledger's entries of the run that published
     */
    public List<Verdict> judge(Evidence evidence, List<Entry> entries) {
        return judge.judge(evidence, entries);
    }
}
