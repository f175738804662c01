/**
 * Which of these workers a task prefers: all of them come to the same answer without asking each other, and where one
 * comes or goes only its own share moves. Highest random weight (Thaler and Ravishankar, 1998).
 */
export function preferredWorker(taskId: string, workers: Iterable<string>): string | null {
  let best: string | null = null;
  let bestWeight = -1;
  for (const worker of workers) {
    const weight = fnv1a(worker, fnv1a(taskId));
    if (weight > bestWeight || (weight === bestWeight && best !== null && worker < best)) {
      best = worker;
      bestWeight = weight;
    }
  }
  return best;
}

/** FNV-1a, 32 bits, with a final mix: ids that differ in the last letter alone spread too. */
function fnv1a(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
