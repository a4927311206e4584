-- Whoever takes a run over writes every instance that is ready. Where the new version of a row fits beside the old one no index is
-- written; the database that needs to be told to leave room for that is told so here, and others run nothing.

${room_for_updates}
