/**
 * Waits for a condition; fails with `what` after `limitMs`, which is long: who passes does not wait for it, and a machine may
 * be slow. The tests' only way to wait for the real world.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { limitMs = 30_000, stepMs = 20, what = condition.toString() } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise<void>((wake) => setTimeout(wake, stepMs));
  }
}
