package dev.backstitch.dsl;

/**
 * A version of a developer's code.
 *
 * @param number 1 or more
 */
public record Version(int number) {
    public Version {
        if (number < 1) {
            throw new IllegalArgumentException("a version is at least 1: " + number);
        }
    }
}
