"""Every shape that leaves a process: over HTTP (/api/v1) and over MQTT (bank/v1).

JSON; times are RFC 3339 in UTC; durations are whole seconds. Nothing here holds a name, a card number,
a document number, a phone number or a face.
"""

from edge_agent.messages.at_kiosk import (
    Appointment as Appointment,
    AskHelp as AskHelp,
    AskNumbers as AskNumbers,
    BookedFor as BookedFor,
    Choice as Choice,
    Errand as Errand,
    ErrandBegun as ErrandBegun,
    HandedIn as HandedIn,
    HandIn as HandIn,
    Helper as Helper,
    IdentityCheck as IdentityCheck,
    Lease as Lease,
    NotTaken as NotTaken,
    NumberBlock as NumberBlock,
    Reason as Reason,
    Score as Score,
    Service as Service,
    Services as Services,
    TakenTicket as TakenTicket,
    TicketRequest as TicketRequest,
    Token as Token,
    Topic as Topic,
)
from edge_agent.messages.branch_now import (
    Accuracy as Accuracy,
    Back as Back,
    Call as Call,
    CounterNow as CounterNow,
    HelpWanted as HelpWanted,
    QueueNow as QueueNow,
    Queues as Queues,
    Ratings as Ratings,
    SetAside as SetAside,
    for_everybody as for_everybody,
)
from edge_agent.messages.chain import (
    GENESIS as GENESIS,
    DayOnRecord as DayOnRecord,
    chain as chain,
    chained as chained,
)
from edge_agent.messages.from_office import (
    LARGEST as LARGEST,
    ConfigDocument as ConfigDocument,
    ConfigState as ConfigState,
    Document as Document,
    Notice as Notice,
    NoticeDocument as NoticeDocument,
    OfConfig as OfConfig,
    WithdrawalDocument as WithdrawalDocument,
)
from edge_agent.messages.machines import DeviceHealth as DeviceHealth, DeviceReport as DeviceReport
from edge_agent.messages.opinions import (
    AnswerOpinion as AnswerOpinion,
    Opinion as Opinion,
    OpinionNow as OpinionNow,
    OpinionTaken as OpinionTaken,
    WrittenRating as WrittenRating,
)
from edge_agent.messages.over_mqtt import (
    Ack as Ack,
    Batch as Batch,
    Birth as Birth,
    Command as Command,
    Event as Event,
    Health as Health,
    digest as digest,
)
from edge_agent.messages.shapes import (
    LIKE_A_NUMBER_OF_A_PERSON as LIKE_A_NUMBER_OF_A_PERSON,
    Asked as Asked,
    Code as Code,
    DeviceState as DeviceState,
    Language as Language,
    Moment as Moment,
    Names as Names,
    Number as Number,
    PrintOutcome as PrintOutcome,
    SegmentName as SegmentName,
    Shape as Shape,
    TicketId as TicketId,
    Word as Word,
)
from edge_agent.messages.tickets import (
    AskReprint as AskReprint,
    Candidate as Candidate,
    Closed as Closed,
    ErrandOf as ErrandOf,
    EstimatedWait as EstimatedWait,
    Happened as Happened,
    IssuedTicket as IssuedTicket,
    OpenOrClosed as OpenOrClosed,
    PaperAt as PaperAt,
    Park as Park,
    Printed as Printed,
    Rating as Rating,
    Reprint as Reprint,
    ReprintAt as ReprintAt,
    Return as Return,
    SignedIn as SignedIn,
    SignIn as SignIn,
    Ticket as Ticket,
    Transfer as Transfer,
    Why as Why,
)
