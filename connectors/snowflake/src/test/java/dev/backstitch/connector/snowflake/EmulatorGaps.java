package dev.backstitch.connector.snowflake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Leaves out the tests of the contract that {@code emulator-gaps.tsv} names, each for the reason that stands there. */
final class EmulatorGaps implements ExecutionCondition {
    private static final Path TABLE = Path.of("src/test/emulator/emulator-gaps.tsv");

    /** The reason for each test, by {@code Contract#method}, or for a part of the contract, by its name. */
    static Map<String, String> reasons() {
        Map<String, String> reasons = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(TABLE, StandardCharsets.UTF_8)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] parts = line.split("\t", 2);
                    if (reasons.put(parts[0], parts[1]) != null) {
                        throw new IllegalStateException("twice in " + TABLE + ": " + parts[0]);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reasons;
    }

    private static Optional<String> reason(String contract, String test) {
        Map<String, String> reasons = reasons();
        return Optional.ofNullable(reasons.get(contract))
                .or(() -> Optional.ofNullable(reasons.get(contract + "#" + test)));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (!Emulator.isAvailable()) {
            return ConditionEvaluationResult.disabled(
                    "the emulator needs Python 3.11 or newer with its packages, which are not to be had");
        }
        return context.getTestMethod()
                .flatMap(method -> reason(method.getDeclaringClass().getSimpleName(), method.getName()))
                .map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("the emulator has what it needs"));
    }
}
