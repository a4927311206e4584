package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.connector.tck.ConnectorContract;
import dev.backstitch.connector.tck.PublishingConnectorContract;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The table of gaps names tests that there are, and not too many of them. */
class EmulatorGapsTest {
    private static List<String> contract() {
        return Stream.of(ConnectorContract.class, PublishingConnectorContract.class)
                .flatMap(contract -> Arrays.stream(contract.getDeclaredClasses()))
                .map(Class::getSuperclass)
                .flatMap(part -> Arrays.stream(part.getDeclaredMethods()))
                .filter(EmulatorGapsTest::isTest)
                .map(method -> method.getDeclaringClass().getSimpleName() + "#" + method.getName())
                .toList();
    }

    private static boolean isTest(Method method) {
        return method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
    }

    @Test
    void eachRow_namesATestOfTheContract() {
        List<String> parts = contract().stream()
                .map(test -> test.substring(0, test.indexOf('#')))
                .toList();
        assertThat(EmulatorGaps.reasons().keySet()).allMatch(gap -> contract().contains(gap) || parts.contains(gap));
        assertThat(EmulatorGaps.reasons().values()).noneMatch(String::isBlank);
    }
}
