package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;
import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Member;
import java.util.List;

/** What is known of a dag after each of its steps. */
final class DagStages {
    private DagStages() {}

    record Named(String name) implements DagStep {
        Named {
            requireNonNull(name, "name");
        }

        @Override
        public Dag run(Member first, Member... rest) {
            return new Dag(name, atLeastOne(first, rest), List.of(), List.of());
        }
    }
}
