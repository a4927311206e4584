package dev.backstitch.dsl;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.Stream;

/** The arguments of a verb that takes one or more. */
final class AtLeastOne {
    private AtLeastOne() {}

    static <T> List<T> atLeastOne(T first, T[] rest) {
        return Stream.concat(Stream.of(requireNonNull(first, "first")), Stream.of(requireNonNull(rest, "rest")))
                .map(each -> requireNonNull(each, "rest"))
                .toList();
    }
}
