package dev.backstitch.dsl;

/** The number of rows; next: with what it is compared. */
public sealed interface RowCountStep extends FigureStep permits AuditStages.Figure {
    /**
     * The rows that the merges read from the source and did not dedupe; next: how far it may be from them. Where the shadow
     * begins with live rows, those that the source lacks count as too many.
     */
    WithinStep againstSource();
}
