/**
 * A ready command line over the dags of an application: {@link dev.backstitch.cli.BackstitchCommand} takes a {@link
 * dev.backstitch.cli.CliSetup} and the arguments, and answers with an exit code.
 */
@NullMarked
package dev.backstitch.cli;

import org.jspecify.annotations.NullMarked;
