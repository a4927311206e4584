package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.event.RunListener;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import java.util.List;
import java.util.Optional;

/** An engine with every dag of the setup, for the time of one command. */
final class OpenEngine implements AutoCloseable {
    private final Backstitch backstitch;

    private OpenEngine(Backstitch backstitch) {
        this.backstitch = backstitch;
    }

    static OpenEngine open(CliSetup setup, RunListener listener) {
        StateStore state = setup.state().get();
        try {
            Backstitch backstitch = Backstitch.open(setup.engine().apply(state).listener(listener));
            setup.dags().forEach(backstitch::register);
            return new OpenEngine(backstitch);
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    Backstitch backstitch() {
        return backstitch;
    }

    /** The newest run of a dag, however it ended. */
    Optional<RunRecord> latest(String dag) {
        return backstitch.runs().stream().filter(run -> run.dag().equals(dag)).findFirst();
    }

    /** Where a published run keeps what the target held before. */
    Optional<Archive> archiveOf(WorkOrder order) {
        List<Archive> archives = backstitch.config().connector().ledger().archives(order.live());
        return archives.stream()
                .filter(archive -> archive.run().equals(order.run()))
                .findFirst();
    }

    @Override
    public void close() {
        backstitch.close();
    }
}
