package dev.backstitch.connector.jdbc;

/** The comment by which a table of ours is known for certain; what lacks it is never touched. */
public enum Marker {
    SHADOW,
    SEAL,
    ARCHIVE,
    /** Whatever else a connector puts beside a target, such as captured changes. */
    CAPTURE;

    /** {@code backstitch run=.. role=..} */
    public String of(String run) {
        return "backstitch run=" + run + " role="
                + switch (this) {
                    case SHADOW -> "shadow";
                    case SEAL -> "seal";
                    case ARCHIVE -> "archive";
                    case CAPTURE -> "capture";
                };
    }
}
