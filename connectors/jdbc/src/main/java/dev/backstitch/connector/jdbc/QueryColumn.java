package dev.backstitch.connector.jdbc;

/**
 * A column of a query.
 *
 * @param name its label
 * @param type its type in the database's own words
 */
public record QueryColumn(String name, String type) {}
