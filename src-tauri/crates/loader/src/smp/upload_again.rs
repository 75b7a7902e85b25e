//! How an upload continues over another link, or with a reader that started anew: once it is sure who answers.

use firmdrop_core::NoteKind;
use firmdrop_link::LinkError;

use super::{
    failure::Failure,
    session::Session,
    upload::Upload,
    upload_failure::{self, Next, PieceFailure, Stop, UploadState},
};
use crate::LoadError;

impl Upload<'_> {
    pub(super) fn may_reconnect(&mut self, error: &LinkError) -> bool {
        let (wait, window) = (self.wait(), &self.window);
        let (confirmed, worked) = (window.confirmed(), window.has_begun());
        self.allowance.may_reconnect(error, wait, confirmed, worked)
    }

    /// A piece failed: the image may be there all the same, or go from its start.
    pub(super) async fn failed(
        &mut self,
        session: &mut Session,
        failure: PieceFailure,
    ) -> Result<(), LoadError> {
        let standing = UploadState {
            confirmed: self.window.confirmed(),
            end_was_sent: self.window.end_was_sent(),
            begun: self.window.has_begun(),
            may_begin_again: !self.begun_again,
            interrupted: self.interrupted,
        };
        match upload_failure::next(self.load, session, failure, standing).await? {
            Next::Stored => {
                self.window.complete();
                self.report_progress();
            }
            Next::FromStart => {
                self.begun_again = true;
                let text = "The reader knows nothing of the upload any more; sending the image from its start";
                self.load.note(NoteKind::Retry, text);
                self.window.reopen();
            }
        }
        Ok(())
    }

    /// Opens the link again, over which the reader says where it stands, once it is sure that it is the same.
    pub(super) async fn reconnect(
        &mut self,
        session: &mut Session,
        error: LinkError,
    ) -> Result<(), LoadError> {
        let timeouts = Session::usual_timeouts(&self.load.timing);
        let mut error = error;
        loop {
            let opened = self
                .unless_stopped(session.reopen(error, &timeouts))
                .await?;
            match opened {
                Ok(()) => break,
                Err(Failure::Link(silence @ LinkError::Timeout { .. }))
                    if self.may_reconnect(&silence) =>
                {
                    error = silence;
                }
                Err(failure) => return Err(failure.leaving(self.left())),
            }
        }
        self.window.reopen();
        (self.interrupted, self.is_sure) = (true, true);
        Ok(())
    }

    /// A reader that wants the image from its start may have started anew meanwhile, in another program that would
    /// write it elsewhere: nothing is sent before it is sure that it is the same.
    pub(super) async fn make_sure(&mut self, session: &mut Session) -> Result<(), Stop> {
        if self.is_sure {
            return Ok(());
        }
        let timeouts = Session::usual_timeouts(&self.load.timing);
        let sure = self.unless_stopped(session.make_sure(&timeouts)).await;
        match sure.map_err(Stop::Load)? {
            Ok(()) => self.is_sure = true,
            Err(Failure::Link(error)) => return Err(error.into()),
            Err(failure) => return Err(Stop::Load(failure.leaving(self.left()))),
        }
        Ok(())
    }

    async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Result<T, LoadError> {
        tokio::select! {
            biased;
            () = self.load.context.cancel.cancelled() => Err(self.stopped()),
            ended = future => Ok(ended),
        }
    }
}
