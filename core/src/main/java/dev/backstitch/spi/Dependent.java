package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

/**
 * Something that hangs on the target and that a publish could lose or break.
 *
 * @param kind what it is, such as {@code view}, {@code foreign key from another table}, {@code trigger}
 * @param name its name, with what tells it apart
 * @param swap what a swap of the whole table does with it
 * @param replace what replacing the scope's rows does with it
 * @param why the reason, where one of them refuses
 */
public record Dependent(String kind, String name, Fate swap, Fate replace, String why) {
    public Dependent {
        requireNonNull(kind, "kind");
        requireNonNull(name, "name");
        requireNonNull(swap, "swap");
        requireNonNull(replace, "replace");
        requireNonNull(why, "why");
    }

    /** What becomes of a dependent. */
    public enum Fate {
        /** It is the same afterwards, and the publish proves it before it commits. */
        PRESERVED,
        /** It would be lost or changed: the plan is refused. */
        REFUSED
    }
}
