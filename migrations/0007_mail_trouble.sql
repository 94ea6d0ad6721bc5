-- Mail that failed for good, for who can mend it: the desk lists it, and every page's header counts it.

-- Statements with failed mail, whose author the person is; all of them for coordinators.
CREATE FUNCTION statements_with_failed_mail(person bigint, is_coordinator boolean)
RETURNS TABLE (statement_id bigint, newest_id bigint, failed bigint) LANGUAGE sql STABLE AS $$
    SELECT mails.statement_id, max(mail_deliveries.mail_delivery_id), count(*)
      FROM mail_deliveries
      JOIN mails USING (mail_id)
      JOIN statements ON statements.statement_id = mails.statement_id
     WHERE mail_deliveries.state = 'failed'
       AND statements.state IN ('draft', 'in-review', 'posted')
       AND (is_coordinator OR statements.author_id = person)
     GROUP BY mails.statement_id
$$;

-- Failed mail about no statement, such as an invitation; a later one of the same kind to the same address takes its
-- place, whatever became of it. Who tried the mail server by hand was told at once.
CREATE FUNCTION failed_account_mail(is_secretariat boolean)
RETURNS TABLE (mail_delivery_id bigint) LANGUAGE sql STABLE AS $$
    SELECT mail_deliveries.mail_delivery_id
      FROM mail_deliveries
      JOIN mails USING (mail_id)
     WHERE is_secretariat
       AND mail_deliveries.state = 'failed'
       AND mails.statement_id IS NULL
       AND mails.event <> 'mail-test'
       AND NOT EXISTS (
           SELECT 1
             FROM mail_deliveries AS later
             JOIN mails AS later_mails ON later_mails.mail_id = later.mail_id
            WHERE lower(later.recipient) = lower(mail_deliveries.recipient)
              AND later.mail_delivery_id > mail_deliveries.mail_delivery_id
              AND later_mails.event = mails.event)
$$;

-- A recipient gets a thread in order: each delivery knows its mail's.
ALTER TABLE mail_deliveries ADD COLUMN thread text NOT NULL DEFAULT '';
UPDATE mail_deliveries SET thread = mails.thread FROM mails WHERE mails.mail_id = mail_deliveries.mail_id AND state = 'queued';
DROP INDEX mail_deliveries_due;
CREATE INDEX mail_deliveries_due ON mail_deliveries (next_attempt_at, mail_delivery_id) WHERE state = 'queued';
CREATE INDEX mail_deliveries_in_thread ON mail_deliveries (thread, lower(recipient), mail_delivery_id) WHERE state = 'queued' AND thread <> '';

-- Locks the delivery that has been due longest and that nobody holds. What follows another of its thread to the same
-- recipient waits while that one is being sent, is due or waits for a server. Row by row along the index, whatever the
-- statistics say just after much was queued: the first is nearly always it.
CREATE FUNCTION due_delivery(moment timestamptz) RETURNS bigint LANGUAGE plpgsql SET enable_sort = off AS $$
DECLARE
    ready record;
    locked bigint;
BEGIN
    FOR ready IN
        SELECT mail_delivery_id, thread, lower(recipient) AS address
          FROM mail_deliveries
         WHERE state = 'queued'
           AND next_attempt_at <= moment
           AND (leased_until IS NULL OR leased_until <= moment)
         ORDER BY next_attempt_at, mail_delivery_id
    LOOP
        CONTINUE WHEN ready.thread <> '' AND EXISTS (
            SELECT 1
              FROM mail_deliveries
             WHERE state = 'queued'
               AND thread <> ''
               AND thread = ready.thread
               AND lower(recipient) = ready.address
               AND mail_delivery_id < ready.mail_delivery_id
               AND (waits_for_server OR next_attempt_at <= moment OR leased_until > moment));
        SELECT mail_delivery_id
          INTO locked
          FROM mail_deliveries
         WHERE mail_delivery_id = ready.mail_delivery_id
           AND state = 'queued'
           AND next_attempt_at <= moment
           AND (leased_until IS NULL OR leased_until <= moment)
           FOR UPDATE SKIP LOCKED;
        IF locked IS NOT NULL THEN
            RETURN locked;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
