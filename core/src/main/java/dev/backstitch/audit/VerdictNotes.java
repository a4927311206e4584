package dev.backstitch.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Offenders;
import java.util.List;
import java.util.Optional;

/** Verdicts as the ledger keeps them. Pure and thread-safe. */
public final class VerdictNotes {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private VerdictNotes() {}

    /**
     * What shows that an audit failed.
     *
     * @param partitions those that failed, of an audit that looks at each
     * @param offenders the first rows that it objects to
     */
    public record Shown(List<Verdict.OfPartition> partitions, Offenders offenders) {
        public Shown {
            partitions = List.copyOf(partitions);
        }
    }

    /** A verdict with what shows it. */
    public static AuditNote of(Verdict verdict, Offenders offenders) {
        boolean nothing = verdict.partitions().isEmpty() && offenders.equals(Offenders.NONE);
        return new AuditNote(
                verdict.name(),
                verdict.kind().name(),
                verdict.outcome().name(),
                verdict.expected(),
                verdict.observed(),
                nothing ? "" : written(new Shown(verdict.partitions(), offenders)),
                Optional.empty());
    }

    /** What shows a noted verdict; nothing where it passed, or has nothing more to show. */
    public static Optional<Shown> shown(AuditNote note) {
        if (note.evidence().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(MAPPER.readValue(note.evidence(), Shown.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the evidence of audit " + note.name() + " cannot be read", e);
        }
    }

    /** The verdicts, those among them accepted of which a person has accepted just what was observed. */
    public static List<Verdict> withAcceptances(List<Verdict> verdicts, List<AuditNote> notes) {
        return verdicts.stream()
                .map(verdict -> isAccepted(verdict, notes) ? verdict.accepted() : verdict)
                .toList();
    }

    private static boolean isAccepted(Verdict verdict, List<AuditNote> notes) {
        return verdict.outcome() == Verdict.Outcome.FAILED
                && verdict.kind() != Verdict.Kind.INVARIANT
                && notes.stream()
                        .filter(note -> note.name().equals(verdict.name()))
                        .flatMap(note -> note.acceptance().stream())
                        .anyMatch(acceptance -> acceptance.observed().equals(verdict.observed()));
    }

    private static String written(Shown shown) {
        try {
            return MAPPER.writeValueAsString(shown);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("evidence could not be written", e);
        }
    }
}
