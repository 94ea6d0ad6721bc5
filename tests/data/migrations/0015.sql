SELECT take_away(2, NULL, 'colleagues', 'a name', '2026-02-03', 1, 'secretariat');
