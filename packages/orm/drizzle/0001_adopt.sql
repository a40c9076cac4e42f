-- Older fullon databases have symbols without these two.
ALTER TABLE "public"."symbols" ADD COLUMN IF NOT EXISTS "quote" text;
--> statement-breakpoint
ALTER TABLE "public"."symbols" ADD COLUMN IF NOT EXISTS "active" boolean DEFAULT true NOT NULL;
--> statement-breakpoint
UPDATE "public"."symbols" SET "quote" = split_part(split_part("symbol", '/', 2), ':', 1)
WHERE "quote" IS NULL AND "symbol" LIKE '%_/_%';
--> statement-breakpoint
-- And too little room: varchar(20) for a symbol, varchar(6) for a base, varchar(2) for an
-- updateframe. From varchar to text no row is rewritten.
DO $$
DECLARE
	narrow record;
BEGIN
	FOR narrow IN
		SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type = 'character varying'
			AND table_name IN ('symbols', 'cat_exchanges', 'cat_exchanges_params')
	LOOP
		EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I TYPE text', narrow.table_name, narrow.column_name);
	END LOOP;
END $$;
