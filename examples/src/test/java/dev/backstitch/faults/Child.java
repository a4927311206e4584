package dev.backstitch.faults;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.event.RunEvent;
import dev.backstitch.faults.Halt.Moment;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** The process that is halted: runs the backfill, or its rollback, on a site. */
final class Child {
    /** What it prints on its last line when nothing halted it, and then the number of calls. */
    static final String COMPLETED = "COMPLETED ";

    private Child() {}

    /** What a child does. */
    enum Action {
        PUBLISH,
        ROLL_BACK,
        /**
         * As {@link #PUBLISH}, of a backfill that holds something downstream, and is watched; its calls are counted by {@link
         * PlaceAroundHolds}.
         */
        HOLD,
        /** Of a run that was paused in its merges. */
        CANCEL,
        /** Before anything has run. */
        REHEARSE,
        /** Of a run that has left a view with the former version. */
        UNPIN,
        /** As {@link #UNPIN}, whose run is taken back then. */
        UNPIN_AND_ROLL_BACK,
        /** Of one partition of a run that is published. */
        RESTORE
    }

    /** What a child is asked for, as its command line. */
    record Order(Site site, Publishing publishing, Action action, int number, Moment moment) {
        List<String> arguments() {
            return List.of(
                    site.product().name(),
                    site.url(),
                    site.state().toString(),
                    publishing.name(),
                    action.name(),
                    Integer.toString(number),
                    moment.name());
        }

        static Order of(String[] arguments) {
            return new Order(
                    new Site(Product.valueOf(arguments[0]), arguments[1], Path.of(arguments[2])),
                    Publishing.valueOf(arguments[3]),
                    Action.valueOf(arguments[4]),
                    Integer.parseInt(arguments[5]),
                    Moment.valueOf(arguments[6]));
        }
    }

    public static void main(String[] arguments) throws SQLException {
        Order order = Order.of(arguments);
        Tap tap = new Tap()
                .with(
                        order.action() == Action.HOLD
                                ? new Halt(order.number(), order.moment(), new PlaceAroundHolds())
                                : new Halt(order.number(), order.moment()));
        perform(order, tap);
        tap.end();
        System.out.println(COMPLETED + tap.calls().size());
        System.out.flush();
        System.exit(0);
    }

    /** Does what is asked for, in this process. */
    static void perform(Order order, Tap tap) throws SQLException {
        UnaryOperator<BackstitchConfig> settings = order.action() == Action.HOLD
                // Nobody sweeps meanwhile: its looks would speak of holds as well.
                ? config -> config.sweep(Duration.ofHours(1))
                : settings(order.site(), order.publishing());
        try (Rig rig = order.site().open(tap, tap, settings)) {
            Dag dag = switch (order.action()) {
                case HOLD -> Orders.holding(order.site(), order.publishing());
                case UNPIN, UNPIN_AND_ROLL_BACK -> Orders.pinning();
                default -> Orders.dag(order.publishing());
            };
            switch (order.action()) {
                case PUBLISH, HOLD -> Forward.publish(rig.engine(), dag);
                case ROLL_BACK -> Forward.rollBack(rig.engine(), dag);
                case CANCEL -> Forward.cancel(rig.engine(), dag);
                case REHEARSE -> Forward.rehearse(rig.engine(), dag);
                case RESTORE -> Forward.restore(rig.engine());
                case UNPIN -> Forward.unpin(rig.engine());
                case UNPIN_AND_ROLL_BACK -> {
                    Forward.unpin(rig.engine());
                    Forward.rollBack(rig.engine(), dag);
                }
            }
        }
    }

    /** How the engine is set up for a kind of publish. */
    static UnaryOperator<BackstitchConfig> settings(Site site, Publishing publishing) {
        if (publishing == Publishing.TOGETHER) {
            // Side by side, two backfills would make their calls in an order that no number tells.
            return config -> config.threads(1);
        }
        return publishing.catchesUp()
                ? config -> config.listener(event -> {
                    if (event instanceof RunEvent.Audited) {
                        writeLate(site);
                    }
                })
                : config -> config;
    }

    /** Somebody who knows nothing of the backfill, on a connection of his own. */
    private static void writeLate(Site site) {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            Sql.run(connection, Orders.LATE_WRITES);
        } catch (SQLException e) {
            throw new IllegalStateException("the late writes were refused", e);
        }
    }
}
