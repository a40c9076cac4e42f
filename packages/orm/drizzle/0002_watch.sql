-- A password in its encoded form needs more room than the char(64) of older fullon databases; what is
-- there stays as it is (a char's trailing blanks are no part of its value).
DO $$
BEGIN
	IF EXISTS (
		SELECT FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name = 'users' AND column_name = 'password' AND data_type <> 'text'
	) THEN
		ALTER TABLE "public"."users" ALTER COLUMN "password" TYPE text;
	END IF;
END $$;
--> statement-breakpoint
-- What DatabaseContext.watch listens to: which table has changed, once for each transaction.
CREATE OR REPLACE FUNCTION "public"."fullon_orm_notify"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('fullon_orm', TG_TABLE_NAME);
	RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
	watched text;
BEGIN
	FOREACH watched IN ARRAY ARRAY['users', 'cat_exchanges', 'cat_exchanges_params', 'exchanges', 'symbols'] LOOP
		EXECUTE format('DROP TRIGGER IF EXISTS fullon_orm_changed ON public.%I', watched);
		EXECUTE format(
			'CREATE TRIGGER fullon_orm_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.%I '
				'FOR EACH STATEMENT EXECUTE FUNCTION public.fullon_orm_notify()', watched);
	END LOOP;
END $$;
