package dev.backstitch.language;

import java.lang.reflect.Method;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets a contract's test play on one of the two databases, which its name decides, so that it is the same in each build and
 * about half are played on each; on both with the faults, by {@code -Pfaults}. For contracts whose statements have a test of
 * their own on each database: what they add is the way from the dag to there, which is the same on both.
 */
final class OneDatabase implements ExecutionCondition {
    private static final boolean WHOLE = Boolean.getBoolean("backstitch.whole");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<Method> contracts = context.getTestMethod()
                .filter(method -> method.getDeclaringClass().getSimpleName().endsWith("Contract"));
        boolean onPostgres = context.getRequiredTestClass().getSimpleName().startsWith("Postgres");
        boolean plays = WHOLE
                || contracts.isEmpty()
                || contracts
                        .filter(method -> isForPostgres(method) == onPostgres)
                        .isPresent();
        return plays
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled("played on the other database, and on both with -Pfaults");
    }

    private static boolean isForPostgres(Method method) {
        return Math.floorMod(method.getName().hashCode(), 2) == 1;
    }
}
