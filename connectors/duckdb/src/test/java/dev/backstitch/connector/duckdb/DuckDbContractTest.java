package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.tck.ConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import dev.backstitch.spi.Connector;
import java.util.List;
import java.util.Properties;
import javax.sql.DataSource;

class DuckDbContractTest extends ConnectorContract {
    @Override
    protected Warehouse warehouse() {
        FileConnections connections = FileConnections.open("", new Properties());
        return new Warehouse() {
            @Override
            public DataSource connections() {
                return connections;
            }

            @Override
            public Connector connector(DataSource watched) {
                return DuckDb.on(watched).open();
            }

            @Override
            public int stride() {
                return 7;
            }

            @Override
            public List<TypeSample> types() {
                return List.of(
                        new TypeSample("boolean", "true", "false"),
                        new TypeSample("tinyint", "1", "-128"),
                        new TypeSample("smallint", "1", "2"),
                        new TypeSample("integer", "1", "2"),
                        new TypeSample("bigint", "1", "9223372036854775807"),
                        new TypeSample("hugeint", "1", "170141183460469231731687303715884105727"),
                        new TypeSample("ubigint", "1", "18446744073709551615"),
                        new TypeSample("decimal(38, 10)", "0.0000000001", "1234567890123456789012345678.0000000001"),
                        new TypeSample("decimal(4, 1)", "999.9", "-0.1"),
                        new TypeSample("real", "0.1", "'NaN'"),
                        new TypeSample("double", "'NaN'", "'-Infinity'"),
                        new TypeSample("varchar", "'a'", "''"),
                        new TypeSample("varchar(3)", "'ä '", "'ä'"),
                        new TypeSample("blob", "'\\xAA\\x00'::blob", "''::blob"),
                        new TypeSample("bit", "'0101'", "'101'"),
                        new TypeSample("date", "'2001-02-03'", "'infinity'"),
                        new TypeSample("time", "'12:00:00.000001'", "'12:00:00'"),
                        new TypeSample("timestamp", "'2001-03-25 02:30:00.000001'", "'2001-03-25 02:30:00'"),
                        new TypeSample("timestamp_ns", "'2001-03-25 02:30:00.000000001'", "'2001-03-25 02:30:00'"),
                        new TypeSample("timestamptz", "'2001-10-28 02:30:00+02'", "'2001-10-28 02:30:00+01'"),
                        new TypeSample("interval", "interval 1 month", "interval 31 days"),
                        new TypeSample(
                                "uuid",
                                "'5a2fbd4b-4f2f-4c55-8d8e-2f3a7d0c9f11'",
                                "'5a2fbd4b-4f2f-4c55-8d8e-2f3a7d0c9f12'"),
                        new TypeSample("json", "'{\"a\": 1}'", "'{\"a\":1}'"),
                        new TypeSample("integer[]", "[1, null]", "[]"),
                        new TypeSample("struct(a integer, b varchar)", "{'a': 1, 'b': 'x'}", "{'a': 1, 'b': null}"),
                        new TypeSample("map(varchar, integer)", "map {'a': 1}", "map {'a': 2}"),
                        new TypeSample("enum('one', 'two')", "'one'", "'two'"),
                        new TypeSample("union(n integer, s varchar)", "1", "'1'"));
            }

            @Override
            public void close() {
                connections.close();
            }
        };
    }
}
