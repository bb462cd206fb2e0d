-- On whose account work is done, so that nobody's holds up the others'. Empty: on nobody's, as what an earlier release adds.
ALTER TABLE work ADD COLUMN subject text COLLATE "C" NOT NULL DEFAULT '';
