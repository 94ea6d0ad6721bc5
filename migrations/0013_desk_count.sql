-- How many things wait for a person, for the header of every page. Planned once a connection: with values at hand the planner
-- would think for 4 ms each time about what takes a tenth of one.
CREATE FUNCTION desk_count(managed bigint[], is_coordinator boolean, today date, person bigint, of_groups bigint[], leads_home boolean,
                           leads_iab boolean, author bigint, is_secretariat boolean)
RETURNS bigint LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT count(*) FROM checks_asked(managed, is_coordinator, today))
         + (SELECT count(*) FROM actions_of(person, of_groups, leads_home, leads_iab))
         + (SELECT count(*) FROM peers_to_tell(managed, is_coordinator, today))
         + (SELECT count(*) FROM refusals_to_decide(managed, is_coordinator, today))
         + (SELECT count(*) FROM statements_with_failed_mail(author, is_coordinator))
         + (SELECT count(*) FROM failed_account_mail(is_secretariat));
END $$;
