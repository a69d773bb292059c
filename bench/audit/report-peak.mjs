/** Preloaded into a Node program: its last line on stderr is the most memory it ever held, in kB. */

process.on("exit", () => {
  process.stderr.write(`\npeak_kb=${process.resourceUsage().maxRSS}\n`);
});
