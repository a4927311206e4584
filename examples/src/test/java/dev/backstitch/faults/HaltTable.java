package dev.backstitch.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How often a halt fired, by phase and moment. */
final class HaltTable {
    private final List<String> rows = new ArrayList<>();

    void add(String fired) {
        String[] words = fired.split(" ");
        rows.add(String.format("%-9s %-12s", words[3], words[0]));
    }

    void print(String title) {
        System.out.println("halts: " + title + ": " + rows.size() + " in all, 0 tolerated failures");
        rows.stream()
                .collect(Collectors.groupingBy(row -> row, TreeMap::new, Collectors.counting()))
                .forEach((row, count) -> System.out.println("  " + row + " " + count));
    }
}
