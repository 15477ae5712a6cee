export const usage = `Usage: npm run touchline -- <command> [options]

Commands
  start     runs the whole system on http://127.0.0.1:8080 (PORT)
  engines   runs the two embedded engines alone and prints their URLs
  demo      plays a simulated match through the API
  import    sends recordings through the API and shows what is computed of them
  secrets   prints new secrets for a deployment on real engines, as an environment file
  rebuild   makes the read models anew from the log while the system runs
  backup    copies a deployment on embedded engines, while it runs or not
  restore   puts a backup into a new data directory
  chaos     harms a system under load and checks that nothing is lost
  bench     measures; without a name it lists what there is to measure

Options of all commands
  --data-dir <dir>   where everything is kept (TOUCHLINE_DATA_DIR; default ./.touchline)

Options of demo, import, rebuild, backup, restore and bench: npm run touchline -- <command> --help
`;
