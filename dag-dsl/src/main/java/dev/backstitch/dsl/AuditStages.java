package dev.backstitch.dsl;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Audit;

/** What is known of an audit after each of its steps. */
final class AuditStages {
    private AuditStages() {}

    record RowCount() implements RowCountStep {
        @Override
        public Audit within(Percent tolerance) {
            return new Audit.RowCountWithin(
                    requireNonNull(tolerance, "tolerance").value(), Audit.Severity.BLOCKING);
        }
    }
}
