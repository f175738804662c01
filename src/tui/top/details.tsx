import { Box, Text } from "ink";
import type { ReactElement } from "react";
import type { RelayStatus } from "../../domain/relay.ts";
import { count, kbits, shortBytes, shortDuration } from "../figures.ts";
import { VolatileText } from "../volatile-text.tsx";
import { retryText, stateText } from "./columns.ts";
import { HEALTH_COLOR } from "./heading.tsx";
import { type Line, relayLine, streamLine } from "./line.ts";
import { bodyHeight, selectedLine, type TopModel } from "./model.ts";

interface Fact {
  readonly label: string;
  readonly text: string;
}

const LABEL_WIDTH = 14;
const INDENT = 2;

const fact = (label: string, text: string): Fact => ({ label, text });

const instant = (at: number, now: number): string => `${new Date(at).toISOString()}, ${shortDuration(now - at)} ago`;

function streamFacts({ status, publish }: Line, now: number): Fact[] {
  return [
    fact("title", status.title),
    fact("user", status.username),
    fact("stream", status.id),
    fact("publish", publish.publishId),
    fact("agent", publish.agentId),
    fact("live since", instant(publish.startedAt, now)),
    fact(
      "ingest",
      `${kbits(publish.ingestBps)} kbit/s, ${shortBytes(publish.ingestBytes)} so far, ${count(publish.lostFrames)} frames lost`,
    ),
  ];
}

function relayFacts(relay: RelayStatus, now: number): Fact[] {
  const retry = relay.nextRetryAt === null ? "" : `, next retry ${retryText(relay.nextRetryAt, now)}`;
  return [
    fact("relay to", relay.destinationId),
    fact("reason", relay.reason ?? "none"),
    fact("attempt", `${relay.attempt}${retry}`),
    fact("state since", instant(relay.since, now)),
    fact(
      "pushed",
      `${kbits(relay.bps)} kbit/s, ${shortBytes(relay.egressBytes)} so far, speed ${relay.speed?.toFixed(2) ?? "unknown"}, ${count(relay.lostFrames)} frames lost`,
    ),
  ];
}

interface FactsProps {
  readonly line: Line;
  readonly facts: readonly Fact[];
  readonly columns: number;
}

function Facts({ line, facts, columns }: FactsProps): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0} paddingTop={1} paddingLeft={INDENT}>
      <Text color={HEALTH_COLOR[line.health]}>{stateText(line)}</Text>
      {facts.map(({ label, text }) => (
        <Box key={label}>
          <Text bold>{label.padEnd(LABEL_WIDTH)}</Text>
          <VolatileText text={text} width={Math.max(1, columns - LABEL_WIDTH - INDENT)} />
        </Box>
      ))}
    </Box>
  );
}

/** All that is known of the chosen line: the stream, and the one relay or as many of its relays as there is room for. */
export function Details({ model }: { model: TopModel }): ReactElement {
  const { columns } = model.size;
  const line = selectedLine(model);
  if (!line) return <Text>This stream is no longer live. Escape goes back.</Text>;
  const relays = line.relay ? [line.relay] : line.publish.relays;
  return (
    <Box flexDirection="column" height={bodyHeight(model) + 1} overflowY="hidden">
      <Facts line={streamLine(line)} facts={streamFacts(line, model.now)} columns={columns} />
      {relays.map((relay) => (
        <Facts
          key={relay.destinationId}
          line={relayLine(line, relay)}
          facts={relayFacts(relay, model.now)}
          columns={columns}
        />
      ))}
    </Box>
  );
}
