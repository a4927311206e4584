package dev.backstitch.faults;

import dev.backstitch.faults.Child.Action;
import dev.backstitch.faults.Halt.Moment;
import dev.backstitch.faults.Orders.Publishing;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Makes sites, each a copy of one that was prepared once. Thread-safe. */
final class Laboratory implements AutoCloseable {
    private final Path directory;
    private Optional<EmbeddedPostgres> postgres = Optional.empty();
    private final AtomicInteger names = new AtomicInteger();
    private final Map<String, Site> prepared = new HashMap<>();

    Laboratory(Path directory) {
        this.directory = directory;
    }

    /** Started by the first who needs it. It survives every fault of ours: what dies here are its clients. */
    private synchronized EmbeddedPostgres postgres() throws IOException {
        if (postgres.isEmpty()) {
            postgres = Optional.of(EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off")
                    .setServerConfig("jit", "off")
                    .setServerConfig("max_connections", "200")
                    .start());
        }
        return postgres.get();
    }

    /** A site with the orders and an empty state store, on which nothing has run. */
    Site fresh(Product product) throws SQLException, IOException {
        return copy(prepared(product.name(), () -> {
            Site site = bare(product);
            site.open(new Tap()).close();
            return site;
        }));
    }

    /** A site with what is published so, on which nothing has run. */
    Site fresh(Product product, Publishing publishing) throws SQLException, IOException {
        return switch (publishing) {
            case TOGETHER -> freshAnd("with twin", product, Orders::createTwin);
            case REPOINT -> freshAnd("behind a view", product, Orders::hideBehindAView);
            case REPLACE, SWAP, REPLACE_LATE, SWAP_LATE -> fresh(product);
        };
    }

    private interface Addition {
        void to(Connection connection) throws SQLException;
    }

    private Site freshAnd(String name, Product product, Addition addition) throws SQLException, IOException {
        return copy(prepared(name + " " + product.name(), () -> {
            Site site = fresh(product);
            try (Connection connection = DriverManager.getConnection(site.url())) {
                addition.to(connection);
            }
            return site;
        }));
    }

    /** A site with orders whose key no constraint keeps. */
    Site withoutKey(Product product) throws SQLException, IOException {
        return copy(prepared("without key " + product.name(), () -> {
            Site site = empty(product);
            try (Connection connection = DriverManager.getConnection(site.url())) {
                Orders.createWithoutKey(connection);
            }
            return site;
        }));
    }

    /** A site with the orders, on which not even the state store was made. */
    Site bare(Product product) throws SQLException, IOException {
        return copy(prepared("bare " + product.name(), () -> {
            Site site = empty(product);
            try (Connection connection = DriverManager.getConnection(site.url())) {
                Orders.create(connection);
            }
            return site;
        }));
    }

    /** A site on which the backfill was published, undisturbed. */
    Site published(Product product, Publishing publishing) throws SQLException, IOException {
        return copy(prepared(product.name() + publishing, () -> {
            Site site = fresh(product, publishing);
            Child.perform(new Child.Order(site, publishing, Action.PUBLISH, 0, Moment.BEFORE_SEND), new Tap());
            return site;
        }));
    }

    /** A site on which the backfill was published, and readers of another view stay with the former version. */
    Site pinned(Product product) throws SQLException, IOException {
        return copy(prepared("pinned " + product.name(), () -> {
            Site site = freshAnd("on a board", product, Orders::showOnABoard);
            try (Site.Rig rig = site.open(new Tap())) {
                Forward.publish(rig.engine(), Orders.pinning());
            }
            return site;
        }));
    }

    /** A site on which the backfill was paused when two of its partitions were merged. */
    Site paused(Product product, Publishing publishing) throws SQLException, IOException {
        return copy(prepared("paused " + product.name() + publishing, () -> {
            Site site = fresh(product, publishing);
            Forward.pauseAfterMerges(site, publishing, 2);
            return site;
        }));
    }

    private interface Preparation {
        Site site() throws SQLException, IOException;
    }

    private synchronized Site prepared(String name, Preparation preparation) throws SQLException, IOException {
        Site known = prepared.get(name);
        if (known == null) {
            known = preparation.site();
            prepared.put(name, known);
        }
        return known;
    }

    /** A site without any table. */
    Site empty(Product product) throws SQLException, IOException {
        String name = "site_" + names.incrementAndGet();
        Path home = Files.createDirectory(directory.resolve(name));
        if (product == Product.POSTGRESQL) {
            administer("create database " + name);
        }
        return site(product, name, home);
    }

    private Site copy(Site original) throws SQLException, IOException {
        String name = "site_" + names.incrementAndGet();
        Path home = Files.createDirectory(directory.resolve(name));
        Path from = original.home();
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(file -> Site.isData(file)).toList()) {
                Files.copy(file, home.resolve(file.getFileName()));
            }
        }
        if (original.product() == Product.POSTGRESQL) {
            administer("create database " + name + " template " + from.getFileName());
        }
        return site(original.product(), name, home);
    }

    private Site site(Product product, String name, Path home) throws IOException {
        String url = product == Product.DUCKDB
                ? "jdbc:duckdb:" + home.resolve(Site.WAREHOUSE)
                : postgres().getJdbcUrl("postgres", name);
        return new Site(product, url, home.resolve(Site.STATE));
    }

    /** Removes a site. */
    void drop(Site site) throws SQLException, IOException {
        if (site.product() == Product.POSTGRESQL) {
            administer("drop database " + site.home().getFileName() + " with (force)");
        }
        delete(site.home());
    }

    private void administer(String statement) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection(postgres().getJdbcUrl("postgres", "postgres"))) {
            Sql.run(connection, statement);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** The calls of an undisturbed child on a site, which is changed by it. */
    static List<Call> calls(Site site, Publishing publishing, Action action) throws SQLException {
        Tap tap = new Tap();
        Child.perform(new Child.Order(site, publishing, action, 0, Moment.BEFORE_SEND), tap);
        return tap.calls();
    }

    @Override
    public synchronized void close() throws IOException {
        if (postgres.isPresent()) {
            postgres.get().close();
        }
    }
}
