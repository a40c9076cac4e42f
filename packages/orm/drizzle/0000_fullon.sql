-- Edited by hand: `if not exists`, and foreign keys inside their tables, so that the tables
-- of an existing fullon database are adopted as they are. What those lack is added in 0001.
CREATE TABLE IF NOT EXISTS "public"."users" (
	"uid" serial PRIMARY KEY NOT NULL,
	"mail" text NOT NULL,
	"password" text DEFAULT '' NOT NULL,
	"f2a" text DEFAULT '' NOT NULL,
	"role" text DEFAULT 'user' NOT NULL,
	"name" text DEFAULT '' NOT NULL,
	"lastname" text DEFAULT '' NOT NULL,
	"phone" text DEFAULT '' NOT NULL,
	"id_num" text DEFAULT '' NOT NULL,
	"note" text,
	"manager" integer,
	"timestamp" timestamp DEFAULT (now() at time zone 'utc') NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "users_mail_unique" UNIQUE("mail"),
	CONSTRAINT "users_manager_users_uid_fk" FOREIGN KEY ("manager") REFERENCES "public"."users"("uid")
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "public"."cat_exchanges" (
	"cat_ex_id" serial PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"ohlcv_view" text,
	CONSTRAINT "cat_exchanges_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "public"."cat_exchanges_params" (
	"cat_ex_id" integer NOT NULL,
	"name" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "cat_exchanges_params_cat_ex_id_name_pk" PRIMARY KEY("cat_ex_id","name"),
	CONSTRAINT "cat_exchanges_params_cat_ex_id_cat_exchanges_cat_ex_id_fk" FOREIGN KEY ("cat_ex_id") REFERENCES "public"."cat_exchanges"("cat_ex_id")
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "public"."exchanges" (
	"ex_id" serial PRIMARY KEY NOT NULL,
	"uid" integer NOT NULL,
	"cat_ex_id" integer NOT NULL,
	"name" text NOT NULL,
	"test" boolean DEFAULT false NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"timestamp" timestamp DEFAULT (now() at time zone 'utc') NOT NULL,
	CONSTRAINT "exchanges_uid_cat_ex_id_name_unique" UNIQUE("uid","cat_ex_id","name"),
	CONSTRAINT "exchanges_uid_users_uid_fk" FOREIGN KEY ("uid") REFERENCES "public"."users"("uid"),
	CONSTRAINT "exchanges_cat_ex_id_cat_exchanges_cat_ex_id_fk" FOREIGN KEY ("cat_ex_id") REFERENCES "public"."cat_exchanges"("cat_ex_id")
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "public"."symbols" (
	"symbol_id" serial PRIMARY KEY NOT NULL,
	"symbol" text NOT NULL,
	"cat_ex_id" integer NOT NULL,
	"updateframe" text DEFAULT '1m' NOT NULL,
	"backtest" integer DEFAULT 0 NOT NULL,
	"decimals" integer DEFAULT 8 NOT NULL,
	"base" text NOT NULL,
	"quote" text,
	"ex_base" text,
	"futures" boolean DEFAULT false NOT NULL,
	"only_ticker" boolean DEFAULT false NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "symbols_cat_ex_id_symbol_unique" UNIQUE("cat_ex_id","symbol"),
	CONSTRAINT "symbols_cat_ex_id_cat_exchanges_cat_ex_id_fk" FOREIGN KEY ("cat_ex_id") REFERENCES "public"."cat_exchanges"("cat_ex_id")
);
