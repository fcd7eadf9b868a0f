"""How somebody works at a page: with a mouse, or by keyboard alone, which is Tab, arrows, Space, Enter and typing."""

from typing import Protocol

from playwright.sync_api import Locator, Page

from tests.console.doorway import PASSWORD

FAR = 400  # stops of the Tab key after which something cannot be reached


class Hand(Protocol):
    """What a person does at a page."""

    page: Page

    def follow(self, name: str) -> None:
        """Follow the link of this name."""

    def press(self, name: str) -> None:
        """Press the button of this name, and wait for the page that answers."""

    def write(self, field: Locator, text: str) -> None:
        """Write into a field in the place of what is there."""

    def choose(self, name: str) -> None:
        """Choose the radio button of this name."""

    def unfold(self, name: str) -> None:
        """Open what is folded away under this name."""


class Mouse:
    """With a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, name: str) -> None:
        """Click a link."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def press(self, name: str) -> None:
        """Click a button."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()

    def write(self, field: Locator, text: str) -> None:
        """Click into a field, and type."""
        field.fill(text)

    def choose(self, name: str) -> None:
        """Click a radio button's words."""
        self.page.get_by_text(name, exact=True).click()

    def unfold(self, name: str) -> None:
        """Click what it is folded under."""
        self.page.locator("summary", has_text=name).first.click()


class Keys:
    """By keyboard alone: nothing is clicked, and no focus is set but by keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, name: str) -> None:
        """Come to a link, and press Enter."""
        self._reach(self.page.get_by_role("link", name=name, exact=True).first)
        self._enter()

    def press(self, name: str) -> None:
        """Come to a button, and press Enter."""
        self._reach(self.page.get_by_role("button", name=name, exact=True).first)
        self._enter()

    def write(self, field: Locator, text: str) -> None:
        """Come to a field, take what is there, and type."""
        self._reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, name: str) -> None:
        """Come to the group of a radio button, and go through it by arrow."""
        wanted = self.page.get_by_role("radio", name=name, exact=True)
        group = self.page.locator(f"[name='{wanted.get_attribute('name')}']")
        self._reach(group)
        for _ in range(group.count()):
            if _has_focus(wanted):
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} cannot be chosen by arrow")

    def unfold(self, name: str) -> None:
        """Come to what it is folded under, and press Enter."""
        self._reach(self.page.locator("summary", has_text=name).first)
        self.page.keyboard.press("Enter")

    def _enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def _reach(self, target: Locator) -> None:
        for _ in range(FAR):
            if _has_focus(target):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not come to {target}")


def _has_focus(target: Locator) -> bool:
    return target.and_(target.page.locator(":focus")).count() > 0


def sign_in(hand: Hand, user: str) -> None:
    """Sign in by the page, from wherever it sends who is not signed in."""
    hand.page.goto("/")
    hand.write(hand.page.get_by_label("User name"), user)
    hand.write(hand.page.get_by_label("Password"), PASSWORD)
    hand.press("Sign in")


def say_the_change(hand: Hand) -> None:
    """From the menu to the preview: the acknowledgement of medium risk becomes 7 minutes, for open cases too."""
    hand.follow("Timings")
    hand.follow("Staffordshire Police")
    hand.follow("FIM tells the LOI and the sergeant")
    hand.write(hand.page.get_by_role("group", name="Deadline").get_by_label("Medium risk", exact=True), "7")
    hand.press("Go on to why and when")
    hand.choose("After an inspection or a recommendation")
    hand.choose("New cases, and those that are open")
    hand.press("See what it would do")


def propose(hand: Hand) -> str:
    """From the preview to the proposal; give its address."""
    hand.follow("Go on to check your answers")
    hand.press("Propose the change")
    return hand.page.url.partition("?")[0]


def approve(hand: Hand, reason: str) -> None:
    """As the second person: from the menu to the revision that waits, and say yes."""
    hand.follow("Timings")
    hand.page.get_by_text(reason).first.wait_for()
    hand.follow("staffordshire, revision 2")
    hand.press("Approve")
