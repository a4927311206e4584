/** What people are told of runs, once each, through channels of theirs. */
@org.jspecify.annotations.NullMarked
package dev.backstitch.notice;
