package dev.backstitch.examples.benchmark;

import java.util.List;

/** The middle of some measurements. */
final class Medians {
    private Medians() {}

    static double of(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
