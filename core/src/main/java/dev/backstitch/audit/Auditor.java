package dev.backstitch.audit;

import dev.backstitch.spec.Audit;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All checks of one run: the engine's invariants and the declared audits. Pure and thread-safe. */
public final class Auditor {
    private final Invariants invariants;
    private final Judge judge;

    /**
     * @param order the work that is judged
     * @param audits the declared audits
     */
    public Auditor(WorkOrder order, List<Audit> audits) {
        this.invariants = new Invariants(order);
        this.judge = new Judge(audits);
    }

    /** What has to be measured, each once. */
    public Set<Measure> measures() {
        Set<Measure> measures = new LinkedHashSet<>(invariants.measures());
        measures.addAll(judge.measures());
        return measures;
    }

    /**
     * The verdicts, invariants first.
     *
     * @param evidence what was measured
     * @param entries the ledger's entries of this run
     */
    public List<Verdict> judge(Evidence evidence, List<Entry> entries) {
        List<Verdict> verdicts = new ArrayList<>(invariants.judge(evidence, entries));
        verdicts.addAll(judge.judge(evidence, entries));
        return verdicts;
    }
}
