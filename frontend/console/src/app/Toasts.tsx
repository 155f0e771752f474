import { useMediaQuery } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";

import classes from "./shell.module.css";

const BESIDE = "(min-width: 860.01px)";

/**
 * Where a notice hides no words and no field: over the list, or, where there is no room for one beside
 * the words, in a band of its own between the head and the page.
 */
export function Toasts(props: { as: "beside" | "band" }) {
  const beside = useMediaQuery(BESIDE, true, { getInitialValueInEffect: false });
  if (beside !== (props.as === "beside")) return null;
  return beside ? (
    <Notifications position="bottom-left" containerWidth="min(320px, 26vw - 24px)" limit={3} />
  ) : (
    <Notifications
      position="top-center"
      withinPortal={false}
      limit={1}
      containerWidth="100%"
      classNames={{ root: classes["toasts"] ?? "" }}
    />
  );
}
