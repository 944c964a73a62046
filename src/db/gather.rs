//! Asks the database once for many. Questions that come while a statement runs wait, and the next statement carries them all.
//!
//! A round trip, the start of an executor and a commit cost more than the row that they are for. A question that meets no other
//! is asked at once, so nobody waits for company. What is gathered is read-only or guarded, waits for nobody's decisions, and may
//! leave a question unanswered: whoever asked it then asks alone.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::db::{Connection, Database, Error};

/// Questions in one statement at most, so that none takes long.
const MOST: usize = 64;
/// Statements of one kind that run at a time, where more wait than one can carry. The fewer they are the more each carries, and
/// the less it all costs: of two from the start each carries half.
const AT_ONCE: usize = 4;

/// What became of a question that was asked together with others.
#[derive(Debug)]
pub enum Together<A> {
    /// The database's answer.
    Answered(A),
    /// No answer: a guard said no, another transaction holds the row, or another question spoilt the statement.
    Alone {
        /// The answer was lost on its way, so what was asked may have happened.
        lost: bool,
    },
}

/// The answers to come, one for each question.
pub(super) type Answers<'a, A> = Pin<Box<dyn Future<Output = Result<Vec<Option<A>>, Error>> + Send + 'a>>;

/// Questions of one kind.
pub(super) struct Gather<Q, A> {
    statement: for<'a> fn(&'a mut Connection, &'a [Q]) -> Answers<'a, A>,
    patience: Duration,
    line: Mutex<Line<Q, A>>,
}

struct Line<Q, A> {
    waiting: VecDeque<(Q, Reply<A>)>,
    running: usize,
}

type Reply<A> = oneshot::Sender<Result<Together<A>, Error>>;

impl<Q: Send + Sync + 'static, A: Send + 'static> Gather<Q, A> {
    /// `patience` is for a server that neither answers nor closes the connection.
    pub(super) fn new(statement: for<'a> fn(&'a mut Connection, &'a [Q]) -> Answers<'a, A>, patience: Duration) -> Arc<Self> {
        Arc::new(Self { statement, patience, line: Mutex::new(Line { waiting: VecDeque::new(), running: 0 }) })
    }

    /// Asks. What is asked runs on when whoever asked goes away, once its statement has begun.
    pub(super) async fn ask(self: Arc<Self>, db: &Database, question: Q) -> Result<Together<A>, Error> {
        let (reply, answer) = oneshot::channel();
        let begins = {
            let mut line = self.line();
            line.waiting.push_back((question, reply));
            let begins = line.running == 0 || line.running < AT_ONCE && line.waiting.len() >= MOST;
            line.running += usize::from(begins);
            begins
        };
        if begins {
            tokio::spawn(Turn { gather: self, over: false }.work(db.clone()));
        }
        // Whoever should have answered is gone, by a panic or with the runtime.
        answer.await.unwrap_or(Ok(Together::Alone { lost: true }))
    }

    /// The next questions whose askers are still there. None ends the turn, in the same moment in which nobody waits.
    fn take(&self) -> Vec<(Q, Reply<A>)> {
        let mut line = self.line();
        line.waiting.retain(|(_, reply)| !reply.is_closed());
        let some = line.waiting.len().min(MOST);
        let taken: Vec<_> = line.waiting.drain(..some).collect();
        line.running -= usize::from(taken.is_empty());
        taken
    }

    async fn answer(&self, db: &Database, asked: Vec<(Q, Reply<A>)>) {
        let (questions, replies): (Vec<Q>, Vec<Reply<A>>) = asked.into_iter().unzip();
        // Who went away meanwhile hears nothing.
        match self.run(db, &questions).await {
            Ok(answers) => {
                for (reply, answer) in replies.into_iter().zip(answers) {
                    let _ = reply.send(Ok(answer.map_or(Together::Alone { lost: false }, Together::Answered)));
                }
            }
            Err(error) => {
                let lost = matches!(error, Error::Disconnected(_));
                let alone = lost || error.is_of_one_row();
                let error = Arc::new(error);
                for reply in replies {
                    let _ = reply.send(if alone { Ok(Together::Alone { lost }) } else { Err(Error::Shared(Arc::clone(&error))) });
                }
            }
        }
    }

    async fn run(&self, db: &Database, questions: &[Q]) -> Result<Vec<Option<A>>, Error> {
        let asking = async {
            let mut connection = db.acquire().await?;
            (self.statement)(&mut connection, questions).await
        };
        let outcome = tokio::time::timeout(self.patience, asking).await;
        let outcome = outcome.unwrap_or_else(|_| Err(Error::Unavailable(std::io::Error::from(std::io::ErrorKind::TimedOut).into())));
        if matches!(outcome, Err(Error::Disconnected(_))) {
            db.lane.forget();
        }
        outcome
    }

    fn line(&self) -> MutexGuard<'_, Line<Q, A>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of [`AT_ONCE`] that ask, until nobody waits.
struct Turn<Q, A> {
    gather: Arc<Gather<Q, A>>,
    over: bool,
}

impl<Q: Send + Sync + 'static, A: Send + 'static> Turn<Q, A> {
    async fn work(mut self, db: Database) {
        loop {
            let asked = self.gather.take();
            if asked.is_empty() {
                self.over = true;
                return;
            }
            self.gather.answer(&db, asked).await;
        }
    }
}

impl<Q, A> Drop for Turn<Q, A> {
    /// A turn that breaks off takes with it those whom nobody would answer any more.
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut line = self.gather.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.running -= 1;
        if line.running == 0 {
            line.waiting.clear();
        }
    }
}

/// One column of what is asked, as Postgres takes it.
pub(super) fn column<'a, Q, T>(asked: &'a [Q], of: impl Fn(&'a Q) -> T) -> Vec<T> {
    asked.iter().map(of).collect()
}

/// The rows by what they answer, which WITH ORDINALITY counted from 1.
pub(super) fn by_place<A>(rows: Vec<(i64, A)>, asked: usize) -> Vec<Option<A>> {
    let mut answers: Vec<_> = std::iter::repeat_with(|| None).take(asked).collect();
    for (number, row) in rows {
        if let Some(answer) = usize::try_from(number - 1).ok().and_then(|place| answers.get_mut(place)) {
            *answer = Some(row);
        }
    }
    answers
}

impl<Q, A> fmt::Debug for Gather<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather").field("patience", &self.patience).finish_non_exhaustive()
    }
}
