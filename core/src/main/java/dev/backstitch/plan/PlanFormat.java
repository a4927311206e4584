package dev.backstitch.plan;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.google.common.hash.Hashing;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Probe;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.RunLimits;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.Window;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The frozen form of a plan: JSON with sorted keys, so that the same plan has the same bytes and the same SHA-256.
 * Thread-safe.
 */
public final class PlanFormat {
    private static final JsonMapper MAPPER = mapper();

    private PlanFormat() {}

    /** The frozen form. */
    public static String write(Plan plan) {
        try {
            return MAPPER.writeValueAsString(plan);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a plan could not be written", e);
        }
    }

    /**
     * Reads a frozen plan.
     *
     * @throws BackstitchException with {@code UNREADABLE_PLAN} when it is of a later format or damaged
     */
    public static Plan read(String frozen) {
        return present(frozen).orElseGet(() -> ofAnotherFormat(frozen));
    }

    /** A plan of many partitions is large: one of the present format is read in one go. */
    private static Optional<Plan> present(String frozen) {
        try {
            return Optional.of(MAPPER.readValue(frozen, Plan.class)).filter(plan -> plan.format() == Plan.FORMAT);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Plan ofAnotherFormat(String frozen) {
        try {
            int format = MAPPER.readValue(frozen, Header.class).format();
            if (format > Plan.FORMAT) {
                throw new BackstitchException(
                        ErrorCode.UNREADABLE_PLAN,
                        "the plan has format " + format + ", and this release reads up to " + Plan.FORMAT
                                + ". Nothing was changed. Use the release that planned it.");
            }
            return format == Plan.FORMAT
                    ? MAPPER.readValue(frozen, Plan.class)
                    : MAPPER.treeToValue(PlanUpgrade.toPresentFormat(MAPPER.readTree(frozen)), Plan.class);
        } catch (JsonProcessingException e) {
            throw new BackstitchException(
                    ErrorCode.UNREADABLE_PLAN,
                    "the frozen plan cannot be read: " + e.getOriginalMessage()
                            + ". Nothing was changed. Cancel the run and plan again.",
                    e);
        }
    }

    /** What a rehearsal has measured, to be kept. */
    public static String write(Rehearsed rehearsed) {
        try {
            return MAPPER.writeValueAsString(rehearsed);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a rehearsal could not be written", e);
        }
    }

    /** What a rehearsal has measured; nothing when another release has kept what this one cannot read. */
    public static Optional<Rehearsed> readRehearsed(String kept) {
        try {
            return Optional.of(MAPPER.readValue(kept, Rehearsed.class));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** The SHA-256 of a text, in hexadecimal. */
    public static String sha256(String text) {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    }

    /** A part of a plan as a tree, for comparing. */
    static JsonNode tree(Object part) {
        return MAPPER.valueToTree(part);
    }

    /** A member with its kind, which a tree of its own would lack. */
    static JsonNode member(Member member) {
        return MAPPER.valueToTree(member);
    }

    /** The cases of a sealed type, those of its sealed subtypes included. */
    private static Stream<Class<?>> leaves(Class<?> sealed) {
        return Stream.of(sealed.getPermittedSubclasses())
                .flatMap(permitted -> permitted.isSealed() ? leaves(permitted) : Stream.of(permitted));
    }

    private static JsonMapper mapper() {
        JsonMapper.Builder builder = JsonMapper.builder()
                .addModule(new JavaTimeModule())
                .addModule(new Jdk8Module())
                .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
        Stream.of(
                        Member.class,
                        Scope.class,
                        Slice.class,
                        Audit.class,
                        Rule.class,
                        Expectation.class,
                        Expectation.Tolerance.class,
                        Publish.class,
                        Window.class,
                        Hold.class,
                        Merge.Dedupe.class)
                .forEach(parent -> {
                    builder.addMixIn(parent, Kind.class);
                    leaves(parent).forEach(leaf -> builder.registerSubtypes(new NamedType(leaf, leaf.getSimpleName())));
                });
        builder.addMixIn(CallTask.class, Called.class)
                .addMixIn(Hold.Coded.class, Coded.class)
                .addMixIn(Probe.class, Checked.class)
                .addMixIn(Merge.class, Stamped.class);
        Stream.of(
                        Plan.class,
                        PlannedBackfill.class,
                        Limits.class,
                        Limits.Retry.class,
                        RunLimits.class,
                        Dag.class,
                        Backfill.class,
                        Compute.class,
                        Publish.ReplacePartitions.class,
                        Publish.SwapTable.class,
                        Publish.RepointView.class,
                        Hold.Http.class)
                .forEach(since -> builder.addMixIn(since, Shown.class));
        return builder.build();
    }

    /** Sealed types carry their case's simple name, so that a moved package doesn't make old plans unreadable. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    private interface Kind {}

    /** What tells how to read the rest; it is passed over without being kept, since a plan may be large. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Header(int format) {}

    /** What lacks a part that came later, such as a view or a pool, reads and hashes as it did before there was any. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    private interface Shown {}

    /** As {@link Shown}, for the one part of it that came later. */
    interface Stamped {
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Stamping> stamping();
    }

    /** A hold without its code, which cannot be frozen either. */
    @JsonIgnoreProperties("port")
    private interface Coded {}

    /** Nor can that of a probe. */
    @JsonIgnoreProperties("check")
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    private interface Checked {}

    /** A call without its code, which cannot be frozen. */
    @JsonIgnoreProperties("action")
    private interface Called {}
}
