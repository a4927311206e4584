package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.tck.ConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import dev.backstitch.spi.Connector;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

class PostgresContractTest extends ConnectorContract {
    @Override
    protected Warehouse warehouse() throws SQLException {
        return warehouse(17);
    }

    /** @param stride of how many statements one is disturbed */
    Warehouse warehouse(int stride) throws SQLException {
        dev.backstitch.connector.postgresql.Warehouse database = dev.backstitch.connector.postgresql.Warehouse.create();
        return new Warehouse() {
            @Override
            public DataSource connections() {
                return database.pool();
            }

            @Override
            public Connector connector(DataSource watched) {
                return Postgres.on(watched).open();
            }

            @Override
            public int stride() {
                return stride;
            }

            @Override
            public List<TypeSample> types() {
                return List.of(
                        new TypeSample("boolean", "true", "false"),
                        new TypeSample("smallint", "1", "2"),
                        new TypeSample("integer", "1", "2"),
                        new TypeSample("bigint", "1", "9223372036854775807"),
                        new TypeSample("numeric", "0.00000000000000000000000000000000000000000001", "'NaN'"),
                        new TypeSample("numeric(38, 10)", "0.0000000001", "1234567890123456789012345678.0000000001"),
                        new TypeSample("real", "0.1", "'NaN'"),
                        new TypeSample("double precision", "'NaN'", "'-Infinity'"),
                        new TypeSample("money", "'12.34'", "'-12.34'"),
                        new TypeSample("text", "'a'", "''"),
                        new TypeSample("varchar(3)", "'ä '", "'ä'"),
                        new TypeSample("char(3)", "'a'", "'b'"),
                        new TypeSample("bytea", "'\\xaa00'", "''"),
                        new TypeSample("bit varying", "'0101'", "'101'"),
                        new TypeSample("date", "'2001-02-03'", "'infinity'"),
                        new TypeSample("time", "'12:00:00.000001'", "'12:00:00'"),
                        new TypeSample("timetz", "'12:00:00+02'", "'12:00:00+01'"),
                        new TypeSample("timestamp", "'2001-03-25 02:30:00.000001'", "'-infinity'"),
                        new TypeSample("timestamptz", "'2001-10-28 02:30:00+02'", "'2001-10-28 02:30:00+01'"),
                        new TypeSample("interval", "'1 month'", "'31 days'"),
                        new TypeSample(
                                "uuid",
                                "'5a2fbd4b-4f2f-4c55-8d8e-2f3a7d0c9f11'",
                                "'5a2fbd4b-4f2f-4c55-8d8e-2f3a7d0c9f12'"),
                        new TypeSample("json", "'{\"a\": 1}'", "'{\"a\":1}'"),
                        new TypeSample("jsonb", "'{\"a\": 1}'", "'{\"a\": null}'"),
                        new TypeSample("xml", "'<a/>'", "'<a></a>'"),
                        new TypeSample("integer[]", "array[1, null]", "'{}'"),
                        new TypeSample("text[][]", "array[['a', 'b']]", "array[['a'], ['b']]"),
                        new TypeSample("json[]", "array['1'::json]", "array['2'::json]"),
                        new TypeSample("int4range", "'[1, 5)'", "'empty'"),
                        new TypeSample("inet", "'10.0.0.1/8'", "'10.0.0.1'"),
                        new TypeSample("point", "'(1, 2)'", "'(1, 3)'"),
                        new TypeSample("tsvector", "'a b'", "'a'"));
            }

            @Override
            public void close() throws SQLException {
                database.close();
            }
        };
    }
}
