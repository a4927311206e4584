package dev.backstitch.connector.jdbc;

/** The comment by which a table of ours is known for certain; what lacks it is never touched. */
public enum Marker {
    SHADOW,
    SEAL,
    ARCHIVE,
    /** A table that a publish behind a view made; for people, since it is theirs from then on. */
    VERSION,
    /** Whatever else a connector puts beside a target, such as captured changes. */
    CAPTURE;

    private static final String PREFIX = "backstitch run=";

    /** Whether a comment is one of ours, of this kind and of whatever run. */
    boolean isOfAnyRun(String comment) {
        return comment.startsWith(PREFIX) && comment.endsWith(role());
    }

    /** {@code backstitch run=.. role=..} */
    public String of(String run) {
        return PREFIX + run + role();
    }

    private String role() {
        return " role="
                + switch (this) {
                    case SHADOW -> "shadow";
                    case SEAL -> "seal";
                    case ARCHIVE -> "archive";
                    case VERSION -> "version";
                    case CAPTURE -> "capture";
                };
    }
}
