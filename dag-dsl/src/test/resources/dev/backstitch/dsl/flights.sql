-- Größe, in a comment
select id from staging.flights where flight_date = :flight_date
