/** What is wrong with how a Redis is set up for viewer tokens, by its INFO; nothing where it is fit. */
export function findingsOf(info: string): readonly string[] {
  const facts = new Map(info.split("\r\n").map((line) => line.split(":", 2) as [string, string]));
  const policy = facts.get("maxmemory_policy") ?? "noeviction";
  const findings: string[] = [];
  if (policy !== "noeviction" && facts.get("maxmemory") !== "0")
    findings.push(
      `maxmemory-policy ${policy} may evict viewer sessions before their time, and then the limit is not exact: set noeviction`,
    );
  if (facts.get("aof_enabled") === "0")
    findings.push("appendonly is off: a restart forgets viewer tokens; set appendonly yes, and appendfsync always");
  if (facts.get("role") === "slave") findings.push("it is a replica, which takes no writes");
  return findings;
}
