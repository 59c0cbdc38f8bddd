import { isGalleyError } from "@galley/spec";
import type { ImageRecord } from "../images/image-record.ts";
import type { ContainerRecord } from "./container-record.ts";
import { signalNumber } from "./signal-number.ts";

/** How long a container may take to stop, unless it was created with another time. */
export const defaultStopTimeoutS = 10;

/** The signal that asks a container to stop: its own, else its image's, else SIGTERM. */
export function containerStopSignal({ options }: ContainerRecord, image: ImageRecord | undefined): number {
  const own = options.life?.stopSignal;
  return own ? signalNumber(own) : imageSignal(image?.execution.StopSignal || "SIGTERM");
}

/** An image that asks for no signal there is must not make its containers unstoppable. */
function imageSignal(text: string): number {
  try {
    return signalNumber(text);
  } catch (error) {
    if (isGalleyError(error, "invalid")) return signalNumber("SIGTERM");
    throw error;
  }
}
