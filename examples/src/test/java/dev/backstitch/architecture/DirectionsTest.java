package dev.backstitch.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;

/** The directions in which packages may know each other, and what no main class may do. */
@AnalyzeClasses(packages = "dev.backstitch", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    @ArchTest
    static final ArchRule SPEC_IS_PLAIN_JAVA = classes()
            .that()
            .resideInAPackage("dev.backstitch.spec..")
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage("java..", "org.jspecify..", "dev.backstitch.spec..", "dev.backstitch.error.."));

    @ArchTest
    static final ArchRule ERROR_IS_A_LEAF = classes()
            .that()
            .resideInAPackage("dev.backstitch.error..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("java..", "org.jspecify..", "dev.backstitch.error.."));

    @ArchTest
    static final ArchRule SPI_HOLDS_NO_JDBC = classes()
            .that()
            .resideInAPackage("dev.backstitch.spi..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "java..",
                            "org.jspecify..",
                            "dev.backstitch.spi..",
                            "dev.backstitch.spec..",
                            "dev.backstitch.error..")
                    .and(resideOutsideOfPackages("java.sql..", "javax.sql..")));

    @ArchTest
    static final ArchRule ONLY_QUARTZ_KNOWS_QUARTZ = noClasses()
            .that()
            .resideOutsideOfPackages("dev.backstitch.quartz..", "dev.backstitch.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.quartz..");

    @ArchTest
    static final ArchRule CORE_KNOWS_NEITHER_DSL_NOR_CONNECTORS = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.backstitch",
                    "dev.backstitch.spec..",
                    "dev.backstitch.error..",
                    "dev.backstitch.plan..",
                    "dev.backstitch.run..",
                    "dev.backstitch.quartz..",
                    "dev.backstitch.audit..",
                    "dev.backstitch.state..",
                    "dev.backstitch.spi..",
                    "dev.backstitch.event..",
                    "dev.backstitch.notice..",
                    "dev.backstitch.report..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.backstitch.dsl..", "dev.backstitch.cli..", "dev.backstitch.connector..");

    @ArchTest
    static final ArchRule NOTHING_IN_CORE_KNOWS_THE_ENTRANCE = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.backstitch.plan..",
                    "dev.backstitch.run..",
                    "dev.backstitch.quartz..",
                    "dev.backstitch.audit..",
                    "dev.backstitch.state..",
                    "dev.backstitch.spi..",
                    "dev.backstitch.event..",
                    "dev.backstitch.notice..",
                    "dev.backstitch.report..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.backstitch");

    @ArchTest
    static final ArchRule CONNECTORS_KNOW_THE_CONTRACT_ALONE = noClasses()
            .that()
            .resideInAPackage("dev.backstitch.connector..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.backstitch",
                    "dev.backstitch.run..",
                    "dev.backstitch.state..",
                    "dev.backstitch.plan..",
                    "dev.backstitch.quartz..",
                    "dev.backstitch.dsl..",
                    "dev.backstitch.cli..");

    @ArchTest
    static final ArchRule THE_LANGUAGE_KNOWS_THE_SPEC_ALONE = noClasses()
            .that()
            .resideInAPackage("dev.backstitch.dsl..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.backstitch", "dev.backstitch.run..", "dev.backstitch.state..", "dev.backstitch.connector..");

    @ArchTest
    static final ArchRule NO_CYCLES = SlicesRuleDefinition.slices()
            .matching("dev.backstitch.(*)..")
            .should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CLOCK_IS_INJECTED = noClasses()
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(LocalDate.class, "now")
            .orShould()
            .callMethod(LocalDateTime.class, "now")
            .orShould()
            .callMethod(ZonedDateTime.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Clock.class, "systemDefaultZone")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class);

    /** It weighs 99 MB: only who depends on the connector for Snowflake has it, and not everybody's jar. */
    @ArchTest
    static void theDriverOfSnowflakeIsNobodyElses(JavaClasses unused) {
        assertThat(DirectionsTest.class.getResource("/net/snowflake/client/api/driver/SnowflakeDriver.class"))
                .isNull();
    }
}
