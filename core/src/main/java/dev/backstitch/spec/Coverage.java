package dev.backstitch.spec;

/** Which rows of the target a shadow holds, known to the compiler. It has no instances. */
public sealed interface Coverage {
    /** Every row: the shadow can take the target's place. */
    final class WholeTable implements Coverage {
        private WholeTable() {}
    }

    /** The scope's rows only: the shadow can replace them in the target, and never the target itself. */
    final class ScopeOnly implements Coverage {
        private ScopeOnly() {}
    }
}
