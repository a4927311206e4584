package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Task;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.RunsStatements;
import dev.backstitch.state.Claim;

/** Runs the single tasks of a dag. */
final class SingleTasks {
    private final Connector connector;

    SingleTasks(Connector connector) {
        this.connector = connector;
    }

    /** Once a run: the connector notes it in the statement's own transaction. */
    void sql(ActiveRun active, Task task, Interrupt interrupt) {
        SqlTask member = (SqlTask) active.plan().dag().member(task.member()).orElseThrow();
        if (!(connector instanceof RunsStatements statements)) {
            throw new BackstitchException(
                    ErrorCode.UNSUPPORTED,
                    "task " + task.name() + " of run " + active.id() + " failed: connector " + connector.name()
                            + " runs no statements beside backfills. Nothing was written. Make it a call.");
        }
        statements.runOnce(active.id(), member.name(), SqlTemplate.parse(member.sql()), interrupt);
    }

    /** At least once: what became of an attempt that ended with its process, nobody knows. */
    void call(ActiveRun active, Task task, Claim claim, Interrupt interrupt) {
        CallTask member = (CallTask) active.plan().dag().member(task.member()).orElseThrow();
        interrupt.throwIfPulled();
        try {
            member.run(new CallTask.Call(
                    active.id(), active.plan().dag().name(), member.name(), claim.attempt(), interrupt::isPulled));
        } catch (Exception e) {
            interrupt.throwIfPulled();
            throw new BackstitchException(
                    ErrorCode.CALL_FAILED,
                    member + " of run " + active.id() + " failed at attempt " + claim.attempt() + ": " + e
                            + ". What it did before that is its own to know; targets are as the ledger says.",
                    e);
        }
        interrupt.throwIfPulled();
    }
}
