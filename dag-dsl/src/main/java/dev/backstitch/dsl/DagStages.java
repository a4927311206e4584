package dev.backstitch.dsl;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;

/** What is known of a dag after each of its steps. */
final class DagStages {
    private DagStages() {}

    record Named(String name) implements DagStep {
        Named {
            requireNonNull(name, "name");
        }

        @Override
        public Dag run(Backfill backfill) {
            return new Dag(name, backfill);
        }
    }
}
